package dev.countersign.policy.analysis;

/**
 * Requests that one set of policies allows and another does not.
 *
 * @param destination whom the requests are put to
 * @param nowAllowed whether they are allowed by the new set; else by the old one
 * @param seen how often such requests were observed; -1: nobody looked
 */
public record Change(
        Destination destination, boolean nowAllowed, RequestClass requests, long seen) {

    /** Whether it cuts traffic that is flowing. */
    public boolean cuts() {
        return !nowAllowed && seen > 0;
    }
}
