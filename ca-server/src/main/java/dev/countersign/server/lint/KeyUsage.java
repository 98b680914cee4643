package dev.countersign.server.lint;

import dev.countersign.server.x509.TbsView.ExtensionView;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/** digitalSignature and nothing else (X509-SVID section 4.3). */
final class KeyUsage implements LintRule {
    private static final byte[] NONE = {};
    private static final byte[] EXPECTED = HexFormat.of().parseHex("03020780");

    @Override
    public String name() {
        return "key-usage";
    }

    @Override
    public Optional<String> check(Subject subject) {
        byte[] value = subject.tbs().extension("2.5.29.15").map(ExtensionView::value).orElse(NONE);
        return LintRule.unless(
                Arrays.equals(value, EXPECTED),
                () -> HexFormat.of().formatHex(value),
                () -> "03020780, digitalSignature");
    }
}
