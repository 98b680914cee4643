package dev.countersign.server.lint;

import dev.countersign.identity.SpiffeId;
import dev.countersign.identity.WellKnownIds;
import java.util.Optional;

/** A workload never gets the server's ID or an operator's, nor the other way round. */
final class PathOfPurpose implements LintRule {
    @Override
    public String name() {
        return "path-of-purpose";
    }

    @Override
    public Optional<String> check(Subject subject) {
        SpiffeId id = subject.plan().id();
        boolean kept =
                switch (subject.profile().purpose()) {
                    case WORKLOAD -> id.serviceAccount().isPresent();
                    case CA_SERVER -> id.equals(WellKnownIds.caServer(id.trustDomain()));
                    case WEBHOOK -> id.equals(WellKnownIds.webhook(id.trustDomain()));
                    case OPERATOR -> WellKnownIds.operatorName(id).isPresent();
                };
        return LintRule.unless(
                kept, () -> id.path(), () -> "the path of a " + subject.profile().purpose());
    }
}
