package dev.countersign.server.tokenkeys;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import dev.countersign.feed.KeySet;
import dev.countersign.server.attestation.serviceaccount.JwksLoader;
import dev.countersign.server.attestation.serviceaccount.JwksUnavailable;
import dev.countersign.testing.MutableClock;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FetchedKeysTest {
    private static final String ADDRESS = "https://issuer.test/keys";

    private final MutableClock clock = MutableClock.create();
    private final AtomicInteger looks = new AtomicInteger();
    private final AtomicInteger told = new AtomicInteger();
    private String document = keys("a");
    private String failure = "";
    private final FetchedKeys tokenKeys = new FetchedKeys(this::loader, clock, Runnable::run);

    FetchedKeysTest() {
        tokenKeys.onChange(told::incrementAndGet);
    }

    @Test
    void whatIsNeededIsFetchedAndPassedOnWithoutSecrets() {
        tokenKeys.need(List.of(ADDRESS));

        KeySet keys = only();
        assertThat(keys.problem()).isEmpty();
        assertThat(keys.fetched()).contains(clock.instant());
        assertThat(keys.jwks()).contains("\"kid\":\"a\"").doesNotContain("\"d\":");
        assertThat(told).hasValue(1);
    }

    @Test
    void aLookThatFindsTheSameIsNoNews() {
        tokenKeys.need(List.of(ADDRESS));
        for (int i = 0; i < 10; i++) {
            clock.advance(FetchedKeys.REFRESH_EVERY);
            tokenKeys.maintain();
        }

        assertThat(looks).hasValue(11);
        assertThat(told).hasValue(1);
        clock.advance(FetchedKeys.RETELL_AFTER);
        tokenKeys.maintain();
        assertThat(told).hasValue(2);
        assertThat(only().fetched()).contains(clock.instant());
    }

    @Test
    void wishesForOneAddressCostOneLookInAFloor() {
        tokenKeys.need(List.of(ADDRESS));
        document = keys("b");
        for (int i = 0; i < 100; i++) {
            tokenKeys.wish(ADDRESS);
            tokenKeys.wish("https://somebody.else/keys");
        }
        assertThat(looks).hasValue(1);

        clock.advance(FetchedKeys.FLOOR);
        for (int i = 0; i < 100; i++) {
            tokenKeys.wish(ADDRESS);
        }
        assertThat(looks).hasValue(2);
        assertThat(only().jwks()).contains("\"kid\":\"b\"");
        assertThat(told).hasValue(2);
    }

    @Test
    void aFailureLeavesTheLastGoodKeysAndSaysWhy() {
        tokenKeys.need(List.of(ADDRESS));
        KeySet good = only();
        failure = "status 503";
        clock.advance(FetchedKeys.REFRESH_EVERY);
        tokenKeys.maintain();

        assertThat(only().jwks()).isEqualTo(good.jwks());
        assertThat(only().fetched()).isEqualTo(good.fetched());
        assertThat(only().problem()).contains("status 503");
        assertThat(told).hasValue(2);

        failure = "";
        clock.advance(FetchedKeys.RETRY_AFTER);
        tokenKeys.maintain();
        assertThat(only().problem()).isEmpty();
        assertThat(told).hasValue(3);
    }

    @Test
    void anIssuerThatNeverAnsweredOrWhoseSetIsNoneHasNoKeys() {
        document = "{\"keys\":[{\"kty\":\"oct\",\"k\":\"c2VjcmV0\"}]}";
        tokenKeys.need(List.of(ADDRESS));

        assertThat(only().jwks()).isEmpty();
        assertThat(only().problem()).contains("none usable").doesNotContain("c2VjcmV0");
    }

    @Test
    void addressesAreForgottenAndBounded() {
        tokenKeys.need(List.of(ADDRESS));
        tokenKeys.need(List.of());
        assertThat(only().problem()).contains("not fetched");

        List<String> many =
                IntStream.rangeClosed(0, FetchedKeys.MAX_ADDRESSES)
                        .mapToObj(i -> "https://issuer.test/" + i)
                        .toList();
        tokenKeys.need(many);
        assertThat(tokenKeys.of(many)).filteredOn(one -> !one.problem().isEmpty()).hasSize(1);
    }

    private KeySet only() {
        return tokenKeys.of(List.of(ADDRESS)).getFirst();
    }

    private JwksLoader loader(String address) {
        return new JwksLoader() {
            @Override
            public String origin() {
                return address;
            }

            @Override
            public Optional<Document> load(String known) throws JwksUnavailable {
                looks.incrementAndGet();
                if (!failure.isEmpty()) {
                    throw new JwksUnavailable(failure);
                }
                return document.equals(known)
                        ? Optional.empty()
                        : Optional.of(
                                new Document(document.getBytes(StandardCharsets.UTF_8), document));
            }
        };
    }

    /** With the private key in it, as a careless issuer would have beside the public one. */
    private static String keys(String id) {
        try {
            return new JWKSet(
                            List.of(
                                    new ECKeyGenerator(Curve.P_256)
                                            .keyID(id)
                                            .generate()
                                            .toPublicJWK(),
                                    new ECKeyGenerator(Curve.P_256).keyID("secret").generate()))
                    .toString(false);
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }
}
