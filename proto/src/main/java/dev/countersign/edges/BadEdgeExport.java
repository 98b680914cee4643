package dev.countersign.edges;

/** A file that is no export of edges; the message says where and what was expected. */
public final class BadEdgeExport extends Exception {
    private static final long serialVersionUID = 1;

    BadEdgeExport(String message) {
        super(message);
    }
}
