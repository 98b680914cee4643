package dev.countersign.agent.ca;

import java.net.http.HttpClient;

/** One service that is asked over HTTP; whoever opened it closes it. */
public interface HttpService extends AutoCloseable {
    /** For the next request. */
    HttpClient client();

    /** {@code http} or {@code https}. */
    String scheme();

    @Override
    void close();
}
