package dev.countersign.agent.authorization;

import dev.countersign.policy.Decision;
import java.util.List;

/** What the authorizer says: go ahead, or no and this id to ask about it. */
public sealed interface Verdict permits Permit, Denied {
    /** By what; never told to the caller. */
    Decision decision();

    /** AUDIT rules that matched beside it. */
    List<Decision> audited();
}
