#!/bin/sh
# Makes the files of this folder anew, as a directory that serve.tls and pull.NAME.tls may name: an
# authority, its list of revoked certificates (which is empty), and a node called edge-1. For tests alone.
set -e
key="-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
openssl req -x509 $key -keyout ca.key -out ca.pem -subj /CN=ca -days 36500
openssl req $key -keyout key.pem -out node.csr -subj /CN=edge-1
openssl x509 -req -in node.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out certificate.pem -days 36500
printf '[ca]\ndefault_ca=d\n[d]\ndatabase=index\ndefault_md=sha256\ndefault_crl_days=36500\n' > crl.conf
: > index
openssl ca -gencrl -config crl.conf -keyfile ca.key -cert ca.pem -out revoked.pem
rm -f crl.conf index* ca.key ca.srl node.csr
