package dev.countersign.agent.proxy.http;

import org.jspecify.annotations.Nullable;

/** Decides what one connection's requests may do. Called on the event loop; must not block. */
public interface RequestGate {
    /**
     * Gives the head the path that is matched and forwarded.
     *
     * @throws HttpRefused when it has no safe form
     */
    void normalise(RequestHead head) throws HttpRefused;

    /**
     * Decides a request. The head is valid during the call only.
     *
     * @return null to let it pass, else the denial's id, which is all the caller learns
     */
    @Nullable String deny(RequestHead head);

    /**
     * Whether the upgraded request just let in would still be; asked as long as its tunnel lives. The
     * head is valid during the call only.
     */
    TunnelCheck tunnel(RequestHead head);

    /** Fields added to every request, each with its CRLF; not to be changed. */
    byte[] addedFields();

    /** Asked after every change of policies. */
    @FunctionalInterface
    interface TunnelCheck {
        boolean stillAllowed();
    }
}
