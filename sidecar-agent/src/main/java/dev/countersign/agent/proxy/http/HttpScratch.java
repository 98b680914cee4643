package dev.countersign.agent.proxy.http;

import io.netty.util.concurrent.FastThreadLocal;

/**
 * Parsers of one event loop. A head is parsed, decided and rewritten in one go, so no two sessions of
 * a loop need one at a time.
 */
final class HttpScratch {
    private static final FastThreadLocal<HttpScratch> OF_LOOP =
            new FastThreadLocal<>() {
                @Override
                protected HttpScratch initialValue() {
                    return new HttpScratch();
                }
            };

    final Http1RequestHead request = new Http1RequestHead();
    final ResponseHead responseOfApplication = new ResponseHead(true);
    final ResponseHead responseOfAgent = new ResponseHead(false);

    static HttpScratch ofLoop() {
        return OF_LOOP.get();
    }
}
