package io.narwhal.remote;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.narwhal.transfer.FromAgent;
import io.narwhal.transfer.FromManager;

import org.jspecify.annotations.Nullable;

import java.security.cert.X509Certificate;
import java.util.List;

/** A link as the agent has it. */
final class ServerLink extends ServerCall.Listener<Decoded<FromManager>>
        implements Link<FromAgent> {
    private final AgentServer server;
    private final ServerCall<Decoded<FromManager>, FromAgent> call;
    private final LinkHandler<FromManager, FromAgent> handler;
    private final long id;
    private final Peer peer;
    private final List<X509Certificate> chain;
    private final Door door;
    private final Inbox inbox;
    private @Nullable Ending ending;
    private boolean isGone;
    private volatile boolean hadMessage;

    ServerLink(
            AgentServer server,
            ServerCall<Decoded<FromManager>, FromAgent> call,
            LinkHandler<FromManager, FromAgent> handler,
            long id,
            Peer peer,
            List<X509Certificate> chain,
            Door door,
            int aheadBytes) {
        this.server = server;
        this.call = call;
        this.handler = handler;
        this.id = id;
        this.peer = peer;
        this.chain = chain;
        this.door = door;
        this.inbox = new Inbox(aheadBytes);
    }

    void begin(int readyBytes) {
        synchronized (this) {
            call.setOnReadyThreshold(readyBytes);
            call.sendHeaders(new Metadata());
            call.request(1);
        }
        handler.opened(this);
    }

    @Override
    public long id() {
        return id;
    }

    @Override
    public Peer peer() {
        return peer;
    }

    List<X509Certificate> chain() {
        return chain;
    }

    private synchronized boolean isOver() {
        return isGone;
    }

    boolean hadMessage() {
        return hadMessage;
    }

    @Override
    public synchronized boolean isReady() {
        return ending == null && call.isReady();
    }

    @Override
    public synchronized void send(FromAgent message) {
        if (ending == null && !call.isCancelled()) {
            call.sendMessage(message);
        }
    }

    @Override
    public synchronized void taken() {
        if (inbox.taken()) {
            call.request(1);
        }
    }

    @Override
    public void close(String reason) {
        end(Ending.inOrder(reason), Status.OK.withDescription(reason));
    }

    /** Counts it and ends it. */
    void refuse(Refusal refusal, String why) {
        Status status =
                switch (refusal) {
                    case MALFORMED -> Status.INVALID_ARGUMENT;
                    case TOO_MANY -> Status.UNAVAILABLE;
                    case TOO_SLOW -> Status.DEADLINE_EXCEEDED;
                    default -> Status.PERMISSION_DENIED;
                };
        if (end(Ending.refused(refusal, why), status.withDescription(why))) {
            server.count(refusal, peer, why);
        }
    }

    private synchronized boolean end(Ending why, Status status) {
        if (ending != null || isGone) {
            return false;
        }
        ending = why;
        call.close(status, new Metadata());
        door.closeIn(server.limits().closeMs(), this::isOver);
        return true;
    }

    @Override
    public void onMessage(Decoded<FromManager> decoded) {
        switch (decoded) {
            case Decoded.Message<FromManager>(FromManager message, int bytes) -> {
                hadMessage = true;
                door.message();
                synchronized (this) {
                    if (inbox.received(bytes)) {
                        call.request(1);
                    }
                }
                handler.received(this, message);
            }
            case Decoded.Malformed<FromManager>(String why) ->
                    refuse(Refusal.MALFORMED, "a message " + why);
        }
    }

    @Override
    public void onReady() {
        handler.ready(this);
    }

    @Override
    public void onHalfClose() {
        end(Ending.inOrder("closed by the manager"), Status.OK);
    }

    @Override
    public void onCancel() {
        gone(Ending.failed("the connection is lost"));
    }

    @Override
    public void onComplete() {
        gone(Ending.inOrder("closed"));
    }

    private void gone(Ending otherwise) {
        Ending why;
        synchronized (this) {
            if (isGone) {
                return;
            }
            isGone = true;
            why = ending == null ? otherwise : ending;
            ending = why;
        }
        server.gone(this);
        handler.closed(this, why);
    }

    /** The transport found that a message is beyond the limit. */
    synchronized void tooLarge(String why) {
        if (ending == null) {
            ending = Ending.refused(Refusal.TOO_LARGE, why);
        }
    }
}
