package dev.countersign.policy.reference;

import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What a written value means, as a regular expression that must match the whole text. */
final class Texts {

    private static final String SCHEME = "spiffe://";
    private static final String SEGMENT = "[a-zA-Z0-9\\-._~%!$&'()+,;:@=]";

    private Texts() {}

    static Predicate<String> text(String value) {
        return whole(expression(value), 0);
    }

    static Predicate<String> host(String value) {
        return whole(expression(value), Pattern.CASE_INSENSITIVE);
    }

    static Predicate<String> path(String value) {
        if (!value.contains("{*}") && !value.contains("{**}")) {
            return text(value);
        }
        for (String segment : value.split("/", -1)) {
            boolean operator = segment.equals("{*}") || segment.equals("{**}");
            if (!operator && !segment.matches(SEGMENT + "*")) {
                throw new IllegalArgumentException(value + " (expected: a template)");
            }
        }
        return whole(
                quoted(value)
                        .replace("{**}", "\\E(?:" + SEGMENT + "|/)*\\Q")
                        .replace("{*}", "\\E" + SEGMENT + "+\\Q"),
                0);
    }

    static Predicate<String> principal(String value) {
        return value.startsWith(SCHEME) ? id -> false : text(value);
    }

    static Predicate<String> namespaceAnywhere(String value) {
        return whole("(?:.*)/ns/" + starred(value, ".*") + "/.*", 0);
    }

    static Predicate<String> namespaceIn(List<String> trustDomains, String value) {
        return whole(oneOf(trustDomains) + "/ns/" + starred(value, "[^/]*") + "/sa/[^/]+", 0);
    }

    static Predicate<String> accountAnywhere(String namespace, String account) {
        return whole(".+/ns/" + quoted(namespace) + "/(.+/|)sa/" + quoted(account) + "(/.+)?", 0);
    }

    static Predicate<String> accountIn(
            List<String> trustDomains, String namespace, String account) {
        return whole(
                oneOf(trustDomains) + "/ns/" + quoted(namespace) + "/sa/" + quoted(account), 0);
    }

    static Predicate<String> anyAccountIn(List<String> trustDomains) {
        return whole(oneOf(trustDomains) + "/ns/[^/]+/sa/[^/]+", 0);
    }

    static Predicate<String> trustDomain(String value) {
        return value.equals("*") ? whole(".+", 0) : whole(starred(value, "[^/]*") + "/.*", 0);
    }

    private static String expression(String value) {
        if (value.equals("*")) {
            return ".+";
        }
        if (value.startsWith("*")) {
            return ".*" + quoted(value.substring(1));
        }
        return value.endsWith("*")
                ? quoted(value.substring(0, value.length() - 1)) + ".*"
                : quoted(value);
    }

    private static String oneOf(List<String> texts) {
        return texts.stream().map(Texts::quoted).collect(Collectors.joining("|", "(?:", ")"));
    }

    private static String starred(String value, String star) {
        return quoted(value).replace("*", "\\E" + star + "\\Q");
    }

    private static String quoted(String text) {
        return "\\Q" + text + "\\E";
    }

    private static Predicate<String> whole(String expression, int flags) {
        return Pattern.compile(expression, Pattern.DOTALL | flags).asMatchPredicate();
    }
}
