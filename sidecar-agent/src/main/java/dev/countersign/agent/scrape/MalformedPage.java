package dev.countersign.agent.scrape;

/** A page that is not in Prometheus' text format; says which line. */
final class MalformedPage extends Exception {
    private static final long serialVersionUID = 1L;

    MalformedPage(int line, String expected) {
        super("line " + line + ": other (expected: " + expected + ")");
    }
}
