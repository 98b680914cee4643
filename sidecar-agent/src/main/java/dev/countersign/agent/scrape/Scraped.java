package dev.countersign.agent.scrape;

/** What became of asking the application for its metrics. */
sealed interface Scraped {
    /**
     * @param lines to go behind ours; each ends in a line feed
     */
    record Page(String lines) implements Scraped {}

    /** It has no part in the page. */
    record Failed(Failure failure, String why) implements Scraped {}

    /** Names are stable: they are counted, in lower case. */
    enum Failure {
        /** Nobody listens, or the connection broke. */
        UNREACHABLE,
        /** Not all of it came in time. */
        TOO_SLOW,
        /** More than {@link ApplicationMetrics#MAX_BYTES}. */
        TOO_LARGE,
        /** Another status than 200. */
        STATUS,
        /** Not the text format that was asked for. */
        FORMAT,
        /** A line that Prometheus would refuse, and our page with it. */
        MALFORMED,
        /** Others are asking, and wait for the application. */
        BUSY
    }
}
