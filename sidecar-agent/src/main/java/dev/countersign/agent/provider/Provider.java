package dev.countersign.agent.provider;

import java.util.concurrent.CompletableFuture;

/** One configured provider, over one protocol. */
interface Provider extends AutoCloseable {
    /**
     * Asks; does not block. Fails the future for whatever is no answer, a timeout included.
     *
     * @return completed on any thread
     */
    CompletableFuture<ProviderVerdict> ask(CheckQuestion question);

    /** Questions under way fail. */
    @Override
    void close();
}
