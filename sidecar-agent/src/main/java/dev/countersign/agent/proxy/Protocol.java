package dev.countersign.agent.proxy;

/** What a listener's connections carry. */
public enum Protocol {
    /** HTTP/1.1, decided per request; anything else is refused. */
    HTTP,
    /** An opaque byte stream, decided when it is opened and on every change. */
    TCP,
    /** Found out from the first bytes; what cannot be HTTP is opaque. */
    AUTO
}
