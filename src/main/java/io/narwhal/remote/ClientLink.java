package io.narwhal.remote;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.narwhal.remote.ManagerClient.Target;
import io.narwhal.transfer.FromAgent;
import io.narwhal.transfer.FromManager;

import org.jspecify.annotations.Nullable;

import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;

import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/** A link as the manager has it: dialled, then open, then ended. */
final class ClientLink implements Link<FromManager> {
    private static final String TOO_LARGE = "exceeds maximum size";

    private final ManagerClient client;
    private final Target target;
    private final LinkHandler<FromAgent, FromManager> handler;
    private final long id;
    private final Inbox inbox;
    private volatile Peer peer;
    private volatile List<X509Certificate> chain = List.of();
    private @Nullable ManagedChannel channel;
    private @Nullable ClientCall<FromManager, Decoded<FromAgent>> call;
    private @Nullable Ending ending;
    private boolean isOpen;
    private boolean isGone;
    private int judged;

    ClientLink(
            ManagerClient client,
            Target target,
            LinkHandler<FromAgent, FromManager> handler,
            long id) {
        this.client = client;
        this.target = target;
        this.handler = handler;
        this.id = id;
        this.inbox = new Inbox(client.limits().aheadBytes());
        this.peer =
                new Peer(
                        List.of(),
                        target.host() + ":" + target.port(),
                        target.security() instanceof Security.InClear);
    }

    synchronized void dial(ManagedChannel through) {
        channel = through;
        CallOptions options =
                CallOptions.DEFAULT.withOnReadyThreshold(client.limits().readyBytes());
        ClientCall<FromManager, Decoded<FromAgent>> begun = through.newCall(Wire.MANAGERS, options);
        call = begun;
        begun.start(new Coming(begun), new Metadata());
        begun.request(1);
    }

    Target target() {
        return target;
    }

    List<X509Certificate> chain() {
        return chain;
    }

    /** The generation of credentials that has judged the agent last; 0: that of the handshake. */
    int judged() {
        return judged;
    }

    void judgedBy(int generation) {
        judged = generation;
    }

    @Override
    public long id() {
        return id;
    }

    @Override
    public Peer peer() {
        return peer;
    }

    @Override
    public synchronized boolean isReady() {
        return ending == null && isOpen && call != null && call.isReady();
    }

    @Override
    public synchronized void send(FromManager message) {
        if (ending == null && call != null) {
            call.sendMessage(message);
        }
    }

    @Override
    public synchronized void taken() {
        if (inbox.taken() && call != null && !isGone) {
            call.request(1);
        }
    }

    @Override
    public void close(String reason) {
        boolean isEnding;
        synchronized (this) {
            isEnding = ending == null;
            if (isEnding && call != null) {
                ending = Ending.inOrder(reason);
                if (isOpen) {
                    call.halfClose();
                } else {
                    call.cancel(reason, null);
                }
            }
        }
        if (isEnding) {
            client.after(client.limits().closeMs(), () -> cancel(reason));
        }
    }

    /** Counts it and ends it. */
    void refuse(Refusal refusal, String why) {
        synchronized (this) {
            if (ending != null || isGone) {
                return;
            }
            ending = Ending.refused(refusal, why);
        }
        client.count(refusal, target, why);
        cancel(why);
    }

    private synchronized void cancel(String why) {
        if (call != null && !isGone) {
            call.cancel(why, null);
        }
    }

    void afterDialTime(long ms) {
        synchronized (this) {
            if (isOpen || ending != null || isGone) {
                return;
            }
            ending = Ending.failed("no answer within " + ms + " ms");
        }
        cancel("no answer within " + ms + " ms");
    }

    private final class Coming extends ClientCall.Listener<Decoded<FromAgent>> {
        private final ClientCall<FromManager, Decoded<FromAgent>> mine;

        Coming(ClientCall<FromManager, Decoded<FromAgent>> mine) {
            this.mine = mine;
        }

        @Override
        public void onHeaders(Metadata headers) {
            SSLSession session = mine.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
            chain = chain(session);
            peer =
                    new Peer(
                            chain.isEmpty() ? List.of() : Trust.namesOf(chain.getFirst()),
                            peer.address(),
                            peer.inClear());
            synchronized (ClientLink.this) {
                if (ending != null) {
                    return;
                }
                isOpen = true;
            }
            handler.opened(ClientLink.this);
        }

        @Override
        public void onMessage(Decoded<FromAgent> decoded) {
            switch (decoded) {
                case Decoded.Message<FromAgent>(FromAgent message, int bytes) -> {
                    synchronized (ClientLink.this) {
                        if (inbox.received(bytes)) {
                            mine.request(1);
                        }
                    }
                    handler.received(ClientLink.this, message);
                }
                case Decoded.Malformed<FromAgent>(String why) ->
                        refuse(Refusal.MALFORMED, "a message " + why);
            }
        }

        @Override
        public void onReady() {
            if (isReady()) {
                handler.ready(ClientLink.this);
            }
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            gone(ofStatus(status));
        }
    }

    private static List<X509Certificate> chain(@Nullable SSLSession session) {
        if (session == null) {
            return List.of();
        }
        List<X509Certificate> chain = new ArrayList<>();
        try {
            for (Certificate one : session.getPeerCertificates()) {
                chain.add((X509Certificate) one);
            }
        } catch (SSLPeerUnverifiedException _) {
            return List.of();
        }
        return chain;
    }

    private Ending ofStatus(Status status) {
        String said = status.getDescription();
        if (status.isOk()) {
            return Ending.inOrder(said == null || said.isEmpty() ? "closed by the agent" : said);
        }
        Throwable cause = status.getCause();
        if (cause != null) {
            Refusal refusal = Door.refusal(cause);
            String why = Door.why(cause);
            return refusal == Refusal.NO_HANDSHAKE
                    ? Ending.failed(said == null || why.contains(said) ? why : said + ": " + why)
                    : Ending.refused(refusal, why);
        }
        if (status.getCode() == Status.Code.RESOURCE_EXHAUSTED
                && said != null
                && said.contains(TOO_LARGE)) {
            return Ending.refused(Refusal.TOO_LARGE, said);
        }
        return Ending.failed(said == null ? status.getCode().toString() : said);
    }

    /** Nothing more comes. */
    void gone(Ending otherwise) {
        Ending why;
        boolean isCounted;
        synchronized (this) {
            if (isGone) {
                return;
            }
            isGone = true;
            isCounted = ending != null;
            why = ending == null ? otherwise : ending;
            ending = why;
            if (channel != null) {
                channel.shutdownNow();
            }
        }
        if (!isCounted && why.refusal() != null) {
            client.count(why.refusal(), target, why.why());
        }
        client.gone(this);
        handler.closed(this, why);
    }
}
