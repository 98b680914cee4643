package dev.countersign.deploy.soak;

/** What policy says of guest, and since when it is in force everywhere. Thread-safe. */
final class GuestRule {
    private boolean allowed;
    private boolean settled = true;
    private long since = System.nanoTime();

    /** From now on nothing is certain. */
    synchronized void changing() {
        settled = false;
    }

    /** In force with everybody who must know. */
    synchronized void settled(boolean nowAllowed) {
        allowed = nowAllowed;
        settled = true;
        since = System.nanoTime();
    }

    synchronized boolean isAllowed() {
        return allowed;
    }

    /** Whether it was denied during all of a request. */
    synchronized boolean denies(long from, long until) {
        return settled && !allowed && from - since >= 0 && until - from >= 0;
    }

    /** Whether it was allowed during all of a request. */
    synchronized boolean allows(long from, long until) {
        return settled && allowed && from - since >= 0 && until - from >= 0;
    }
}
