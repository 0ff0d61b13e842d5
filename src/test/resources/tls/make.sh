#!/bin/sh
# Makes the certificates of this folder anew: an authority, a collector and an exporter that it
# vouches for, and a stranger. For tests alone.
set -e
key="-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
openssl req -x509 $key -keyout ca.key -out ca.pem -subj /CN=ca -days 36500
for name in edge router; do
    openssl req $key -keyout $name.key -out $name.csr -subj /CN=$name
    openssl x509 -req -in $name.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out $name.pem -days 36500
done
openssl req -x509 $key -keyout stranger.key -out stranger.pem -subj /CN=stranger -days 36500
openssl pkey -in edge.key -aes256 -passout pass:secret -out edge-encrypted.key
openssl ec -in edge.key -out edge-old.key
rm -f ca.key ca.srl *.csr
