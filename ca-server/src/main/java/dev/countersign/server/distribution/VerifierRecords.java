package dev.countersign.server.distribution;

import dev.countersign.server.authority.rotation.Verifier;
import java.time.Instant;
import java.util.List;

/** Which agents have loaded what, across restarts and replicas: a port, kept by the store. */
public interface VerifierRecords {
    /**
     * An agent process.
     *
     * @param pod UID; the SPIFFE ID where there is none
     * @param verifier what is known of it
     */
    record Row(String pod, Verifier verifier) {
        Key key() {
            return new Key(pod, verifier.instance());
        }
    }

    /** Of which pod, which process. */
    record Key(String pod, String instance) {}

    /**
     * Keeps what is known now. An epoch never goes back for a process; one that is not connected any
     * more is so only when it has not gone to another replica.
     */
    void save(List<Row> rows);

    /**
     * Processes that said goodbye at {@code at}; what their pods were issued until then decides about
     * nobody any more.
     */
    void forget(List<Key> gone, Instant at);

    /**
     * All whose certificate ends after {@code since} or that were heard of after it, connected to a
     * replica that lives or not. Who had a stream to a replica that is gone was last seen when that
     * was.
     */
    List<Row> all(Instant since);

    /**
     * Pods that hold a certificate which ends after {@code since} and that no stream was heard of since
     * it was issued: not connected, epoch 0. They may have been issued it a moment ago.
     */
    List<Row> silent(Instant since);
}
