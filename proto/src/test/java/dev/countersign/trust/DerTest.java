package dev.countersign.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.countersign.testing.Cases;
import java.security.cert.CertificateParsingException;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class DerTest {
    static Stream<Long> seeds() {
        return Cases.seeds(500);
    }

    @Test
    void readsElementsInTurn() throws CertificateParsingException {
        Der sequence = der("3006 0101ff 040107").enter(Der.SEQUENCE);

        assertThat(sequence.nextTag()).isEqualTo(Der.BOOLEAN);
        assertThat(sequence.read(Der.BOOLEAN)).containsExactly(0xff);
        assertThat(sequence.read(Der.OCTET_STRING)).containsExactly(7);
        assertThat(sequence.hasNext()).isFalse();
        sequence.finish();
    }

    @Test
    void readsTheLongFormOfALength() throws CertificateParsingException {
        assertThat(der("0481 80" + "00".repeat(128)).read(Der.OCTET_STRING)).hasSize(128);
        assertThat(der("0482 0100" + "00".repeat(256)).read(Der.OCTET_STRING)).hasSize(256);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", // nothing
                "04", // no length
                "0402 00", // content cut off
                "0484 00000001 00", // four bytes of length
                "0481", // length cut off
                "0481 01 00", // long form where the short one would do
                "0482 0080" // leading zero in the length
                        + "0000000000000000000000000000000000000000000000000000000000000000"
                        + "0000000000000000000000000000000000000000000000000000000000000000"
                        + "0000000000000000000000000000000000000000000000000000000000000000"
                        + "0000000000000000000000000000000000000000000000000000000000000000",
                "0480 00 0000", // indefinite length
                "0501 00", // another tag
                "0483 ffffff 00" // length far past the end
            })
    void refusesAnythingButDefiniteMinimalLengths(String hex) {
        assertThatThrownBy(() -> der(hex).read(Der.OCTET_STRING))
                .isInstanceOf(CertificateParsingException.class);
    }

    @Test
    void refusesTagsOfSeveralBytes() {
        assertThatThrownBy(() -> der("9f0100").read(0x9f))
                .isInstanceOf(CertificateParsingException.class);
    }

    @Test
    void refusesWhatFollowsAnExtensionsOneSequence() throws CertificateParsingException {
        assertThat(Der.sequenceInExtension(bytes("0402 3000")).hasNext()).isFalse();
        for (String hex : new String[] {"0403 3000 00", "0402 3000 00", "3000", "0400"}) {
            assertThatThrownBy(() -> Der.sequenceInExtension(bytes(hex)))
                    .isInstanceOf(CertificateParsingException.class);
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void hostileBytesEndInTheOneExceptionOrAreRead(long seed) {
        // given: mostly plausible tags and small lengths, so that some of it can be read
        Cases cases = new Cases(seed);
        byte[] bytes = cases.bytes(0, 40);
        for (int i = 0; i + 1 < bytes.length; i += cases.between(2, 5)) {
            bytes[i] = (byte) (cases.chance(2) ? 0x30 : 0x86);
            bytes[i + 1] = (byte) cases.between(0, bytes.length - i);
        }

        Throwable thrown =
                catchThrowable(() -> {
                    NameConstraints.read(Der.of(bytes));
                    Der.sequenceInExtension(bytes);
                });

        assertThat(thrown)
                .satisfiesAnyOf(
                        none -> assertThat(none).isNull(),
                        refused ->
                                assertThat(refused)
                                        .isInstanceOf(CertificateParsingException.class));
    }

    private static Der der(String hex) {
        return Der.of(bytes(hex));
    }

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }
}
