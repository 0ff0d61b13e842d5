package io.narwhal.remote;

import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import io.grpc.protobuf.ProtoUtils;
import io.narwhal.remote.v1.TransferGrpc;
import io.narwhal.transfer.FromAgent;
import io.narwhal.transfer.FromManager;

import java.io.IOException;
import java.io.InputStream;
import java.util.function.Function;

/**
 * The one method of the service, as each side has it: it sends messages and receives what bytes
 * say. A message is copied once on each side: into the transport's buffer, and out of it.
 */
final class Wire {
    private static final MethodDescriptor.Marshaller<io.narwhal.remote.v1.FromAgent> AGENT =
            ProtoUtils.marshaller(io.narwhal.remote.v1.FromAgent.getDefaultInstance());
    private static final MethodDescriptor.Marshaller<io.narwhal.remote.v1.FromManager> MANAGER =
            ProtoUtils.marshaller(io.narwhal.remote.v1.FromManager.getDefaultInstance());

    /** As the manager has it. */
    static final MethodDescriptor<FromManager, Decoded<FromAgent>> MANAGERS =
            method(
                    new Outgoing<>(message -> MANAGER.stream(Encoder.encode(message))),
                    new Incoming<>(Decoder::fromAgent));

    /** As the agent has it. */
    static final MethodDescriptor<Decoded<FromManager>, FromAgent> AGENTS =
            method(
                    new Incoming<>(Decoder::fromManager),
                    new Outgoing<>(message -> AGENT.stream(Encoder.encode(message))));

    private Wire() {}

    private static <Q, A> MethodDescriptor<Q, A> method(
            MethodDescriptor.Marshaller<Q> toAgent, MethodDescriptor.Marshaller<A> toManager) {
        return TransferGrpc.getLinkMethod().toBuilder(toAgent, toManager).build();
    }

    private record Outgoing<M>(Function<M, InputStream> encoding)
            implements MethodDescriptor.Marshaller<M> {
        @Override
        public InputStream stream(M message) {
            return encoding.apply(message);
        }

        @Override
        public M parse(InputStream stream) {
            throw new UnsupportedOperationException("these are sent only");
        }
    }

    private record Incoming<M>(Function<byte[], Decoded<M>> decoding)
            implements MethodDescriptor.Marshaller<Decoded<M>> {
        @Override
        public InputStream stream(Decoded<M> message) {
            throw new UnsupportedOperationException("these are received only");
        }

        @Override
        public Decoded<M> parse(InputStream stream) {
            try {
                byte[] bytes = bytes(stream);
                return decoding.apply(bytes);
            } catch (IOException e) {
                return new Decoded.Malformed<>("cannot be read: " + e.getMessage());
            }
        }

        private static byte[] bytes(InputStream stream) throws IOException {
            if (!(stream instanceof KnownLength)) {
                return stream.readAllBytes();
            }
            byte[] bytes = new byte[stream.available()];
            stream.readNBytes(bytes, 0, bytes.length);
            return bytes;
        }
    }
}
