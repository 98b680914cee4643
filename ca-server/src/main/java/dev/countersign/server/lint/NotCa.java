package dev.countersign.server.lint;

import dev.countersign.server.x509.TbsView.ExtensionView;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/** Basic constraints say that it is no CA: exactly an empty SEQUENCE. */
final class NotCa implements LintRule {
    private static final byte[] NONE = {};
    private static final byte[] EXPECTED = HexFormat.of().parseHex("3000");

    @Override
    public String name() {
        return "not-ca";
    }

    @Override
    public Optional<String> check(Subject subject) {
        byte[] value = subject.tbs().extension("2.5.29.19").map(ExtensionView::value).orElse(NONE);
        return LintRule.unless(
                Arrays.equals(value, EXPECTED),
                () -> HexFormat.of().formatHex(value),
                () -> "3000, CA:FALSE");
    }
}
