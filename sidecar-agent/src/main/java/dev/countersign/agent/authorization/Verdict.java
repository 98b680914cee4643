package dev.countersign.agent.authorization;

/** What the authorizer says: go ahead, or no and this id to ask about it. */
public sealed interface Verdict permits Permit, Denied {}
