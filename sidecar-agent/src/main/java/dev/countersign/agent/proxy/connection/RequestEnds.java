package dev.countersign.agent.proxy.connection;

/** Told of every request once, on its event loop, when it is over: of either version of HTTP. */
@FunctionalInterface
public interface RequestEnds {
    void ended(EndedRequest request);
}
