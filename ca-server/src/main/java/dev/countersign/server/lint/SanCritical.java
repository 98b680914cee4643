package dev.countersign.server.lint;

import dev.countersign.server.x509.TbsView.ExtensionView;
import java.util.Optional;

/** Critical, because the subject is empty (RFC 5280 section 4.2.1.6). */
final class SanCritical implements LintRule {
    @Override
    public String name() {
        return "san-critical";
    }

    @Override
    public Optional<String> check(Subject subject) {
        boolean critical =
                subject.tbs().extension("2.5.29.17").map(ExtensionView::critical).orElse(false);
        return LintRule.unless(
                critical, () -> "not critical", () -> "critical, the subject is empty");
    }
}
