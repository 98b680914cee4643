package dev.countersign.agent.ca;

import java.time.Instant;

/**
 * When the server wants a certificate renewed, chosen by it so that fleets do not march in step.
 *
 * @param notBefore not earlier than this
 * @param notAfter and not later
 */
public record RefreshWindow(Instant notBefore, Instant notAfter) {}
