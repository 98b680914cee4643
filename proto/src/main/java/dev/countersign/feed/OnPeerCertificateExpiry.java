package dev.countersign.feed;

/** What becomes of an open connection when its peer's certificate ends. */
public enum OnPeerCertificateExpiry {
    /** It is counted, and decided again on every policy, bundle and deny change. */
    KEEP,
    /** GOAWAY for HTTP; TCP when idle or after a grace. */
    DRAIN,
    CLOSE
}
