package dev.countersign.server.x509;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.Arrays;
import java.util.Random;
import org.bouncycastle.asn1.x509.GeneralName;
import org.junit.jupiter.api.Test;

/** Good requests, damaged in every place: none is accepted, and none breaks the parser. */
final class CsrParserMutationTest {
    private static final long SEED = 20_260_101L;

    private final CsrParser parser = new CsrParser(KeyKind.ALL);

    @Test
    void everyByteMatters() {
        byte[] good = goodRequest();
        Random random = new Random(SEED);
        for (int i = 0; i < good.length; i++) {
            byte[] damaged = good.clone();
            damaged[i] ^= (byte) (1 + random.nextInt(255));

            refused(damaged, "byte " + i);
        }
    }

    @Test
    void everyLengthMatters() {
        byte[] good = goodRequest();
        for (int length = 0; length < good.length; length++) {
            refused(Arrays.copyOf(good, length), "length " + length);
        }
    }

    @Test
    void damageInSeveralPlacesIsRefusedToo() {
        byte[] good = goodRequest();
        Random random = new Random(SEED);
        for (int round = 0; round < 2_000; round++) {
            byte[] damaged = good.clone();
            for (int i = random.nextInt(8); i >= 0; i--) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
            }
            if (!Arrays.equals(damaged, good)) {
                refused(damaged, "round " + round);
            }
        }
    }

    @Test
    void theUndamagedRequestIsAccepted() {
        assertThatCode(() -> parser.parse(goodRequest())).doesNotThrowAnyException();
    }

    private void refused(byte[] csr, String what) {
        assertThatExceptionOfType(CsrRefused.class)
                .as(what)
                .isThrownBy(() -> parser.parse(csr))
                .satisfies(e -> assertThat(e.reason()).isNotNull());
    }

    private static byte[] goodRequest() {
        byte[] names =
                Requests.requestedNames(
                        new GeneralName(
                                GeneralName.uniformResourceIdentifier,
                                "spiffe://prod.example/ns/shop/sa/cart"));
        return Requests.good()
                .with(r -> r.subject = Requests.commonName("cart"))
                .with(r -> r.attributes = names)
                .der();
    }
}
