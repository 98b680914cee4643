package dev.countersign.agent.proxy.http;

import dev.countersign.agent.authorization.Verdict;
import dev.countersign.agent.tracing.SpanContext;
import java.util.Optional;
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
     * Decides a request. The head is valid during the call only, and may be changed in it.
     *
     * @param again to be run once, on any thread, when somebody who had to be asked has answered:
     *     then the same request is decided again
     */
    Ruling decide(RequestHead head, Runnable again);

    /**
     * Whether the request just let in would still be: asked as long as its tunnel or stream lives. The
     * head is valid during the call only.
     */
    Recheck recheck(RequestHead head);

    /** Fields added to the request just let in. */
    AddedFields addedFields();

    /** What was last decided; null where nobody decides. */
    @Nullable Verdict verdict();

    /** The place in a trace of the request last decided; null where nobody traces. */
    @Nullable SpanContext trace();

    /** What becomes of a request. */
    sealed interface Ruling {
        /** It goes on. */
        enum Pass implements Ruling {
            PASS
        }

        /** It is answered here. */
        record Refuse(LocalResponse response) implements Ruling {}

        /** Somebody has to be asked first; nothing of its body is read meanwhile. */
        enum Wait implements Ruling {
            WAIT
        }
    }

    /** Asked after every change of policies. */
    interface Recheck {
        /** Where nobody decides. */
        Recheck ALWAYS =
                new Recheck() {
                    @Override
                    public boolean stillAllowed() {
                        return true;
                    }

                    @Override
                    public Optional<LocalResponse> refusal() {
                        return Optional.empty();
                    }
                };

        boolean stillAllowed();

        /** Decides once more, and logs it: what a caller is told whose stream is ended. */
        Optional<LocalResponse> refusal();
    }
}
