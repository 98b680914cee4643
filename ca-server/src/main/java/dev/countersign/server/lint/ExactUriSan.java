package dev.countersign.server.lint;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Exactly one URI, and it is the planned SPIFFE ID (X509-SVID section 2). */
final class ExactUriSan implements LintRule {
    @Override
    public String name() {
        return "exact-uri-san";
    }

    @Override
    public Optional<String> check(Subject subject) {
        List<String> uris = new ArrayList<>(1);
        for (String name : subject.tbs().alternativeNames()) {
            if (name.startsWith("URI:")) {
                uris.add(name);
            }
        }
        String expected = "URI:" + subject.plan().id();
        return LintRule.unless(
                uris.size() == 1 && uris.getFirst().equals(expected),
                () -> uris.toString(),
                () -> expected);
    }
}
