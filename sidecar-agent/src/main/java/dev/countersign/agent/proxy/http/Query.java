package dev.countersign.agent.proxy.http;

/** The query of a request target, with its question mark. */
public final class Query {
    private Query() {}

    /** What is left when a parameter is taken out; empty when nothing is. */
    public static String without(String query, String name) {
        if (query.isEmpty()) {
            return query;
        }
        StringBuilder left = new StringBuilder();
        for (String pair : query.substring(1).split("&", -1)) {
            int equals = pair.indexOf('=');
            if (!(equals < 0 ? pair : pair.substring(0, equals)).strip().equals(name)) {
                left.append(left.isEmpty() ? '?' : '&').append(pair);
            }
        }
        return left.toString();
    }
}
