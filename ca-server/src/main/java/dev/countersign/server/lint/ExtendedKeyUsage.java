package dev.countersign.server.lint;

import dev.countersign.server.x509.TbsView.ExtensionView;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/** serverAuth and clientAuth, both and only those (X509-SVID section 4.4). */
final class ExtendedKeyUsage implements LintRule {
    private static final byte[] NONE = {};
    private static final byte[] EXPECTED =
            HexFormat.of().parseHex("301406082b0601050507030106082b06010505070302");

    @Override
    public String name() {
        return "extended-key-usage";
    }

    @Override
    public Optional<String> check(Subject subject) {
        byte[] value = subject.tbs().extension("2.5.29.37").map(ExtensionView::value).orElse(NONE);
        return LintRule.unless(
                Arrays.equals(value, EXPECTED),
                () -> HexFormat.of().formatHex(value),
                () -> "serverAuth and clientAuth");
    }
}
