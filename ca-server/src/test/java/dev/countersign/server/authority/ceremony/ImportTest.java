package dev.countersign.server.authority.ceremony;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.countersign.server.authority.ceremony.ImportRefused.Reason;
import dev.countersign.server.keys.KeyVaultException;
import dev.countersign.server.keys.LocalKey;
import dev.countersign.server.keys.Pkcs12File;
import dev.countersign.server.x509.CertificateAssembler;
import dev.countersign.testing.MutableClock;
import dev.countersign.testing.TestAuthority;
import dev.countersign.testing.TestCertificate;
import dev.countersign.testing.TestCertificateBuilder;
import java.io.ByteArrayOutputStream;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** A root made elsewhere, with or without an issuer below it. */
final class ImportTest {
    private final MutableClock clock = MutableClock.create();
    private final TestAuthority mine = TestAuthority.create("prod.example", clock, 1);
    private final TestAuthority other = TestAuthority.create("prod.example", clock, 2);
    private final Instant now = clock.instant();
    private final ImportRules rules =
            new ImportRules(
                    mine.trustDomain(),
                    List.of(mine.root().certificate()),
                    ImportRules.ROOT_LIFE,
                    ImportRules.ISSUER_LIFE);
    private final TestSigning signing =
            new TestSigning(mine.trustDomain(), new CertificateAssembler(), new SecureRandom());

    @Test
    void aRootOfItsOwnIsTaken() throws Exception {
        ImportedChain chain = ImportedChain.parse(pem(other.root()));

        rules.checkNewRoot(chain, now);
        signing.prove(chain, key(other.root()), now);

        assertThat(chain.signing()).isEqualTo(other.root().certificate());
        assertThat(chain.issuers()).isEmpty();
    }

    @Test
    void anIssuerUnderItIsTaken() throws Exception {
        TestCertificate issuer = issuer(other.root()).build();
        ImportedChain chain = ImportedChain.parse(pem(issuer, other.root()));

        rules.checkNewRoot(chain, now);
        signing.prove(chain, key(issuer), now);

        assertThat(chain.signing()).isEqualTo(issuer.certificate());
    }

    @Test
    void theNextIssuerOfAKnownRootIsTaken() throws Exception {
        TestCertificate issuer = issuer(mine.root()).build();

        rules.checkIssuer(ImportedChain.parse(pem(issuer, mine.root())), now);

        refused(
                Reason.IMPORT_NOT_BELIEVED,
                () ->
                        rules.checkIssuer(
                                ImportedChain.parse(
                                        pem(issuer(other.root()).build(), other.root())),
                                now));
        refused(
                Reason.IMPORT_CHAIN_ORDER,
                () -> rules.checkIssuer(ImportedChain.parse(pem(mine.root())), now));
    }

    @Test
    void aRootWithTheKeyOfAKnownOneIsRefused() {
        KeyPair known = new KeyPair(mine.root().certificate().getPublicKey(), mine.root().key());

        refusedRoot(Reason.IMPORT_KEY_KNOWN, other.newRoot().keyPair(known).subject("CN=another"));
    }

    @Test
    void aRootWithTheSubjectOfAKnownOneIsRefused() {
        String subject = mine.root().certificate().getSubjectX500Principal().getName();

        refusedRoot(Reason.IMPORT_SUBJECT_KNOWN, other.newRoot().subject(subject));
    }

    @Test
    void aRootThatIsOverOrAlmostOrNotYetIsRefused() {
        refusedRoot(
                Reason.IMPORT_EXPIRED,
                other.newRoot().validity(now.minus(Duration.ofDays(90)), now));
        refusedRoot(Reason.IMPORT_LIFE_TOO_SHORT, other.newRoot().life(Duration.ofDays(29)));
        refusedRoot(
                Reason.IMPORT_NOT_YET_VALID,
                other.newRoot().validity(now.plusSeconds(60), now.plus(Duration.ofDays(900))));
    }

    @Test
    void aRootWithWrongConstraintsIsRefused() {
        refusedRoot(Reason.IMPORT_NOT_BELIEVED, other.newRoot().ca(false));
        refusedRoot(Reason.IMPORT_NOT_BELIEVED, other.newRoot().keyUsage(0x80));
        refusedRoot(Reason.IMPORT_PATH_LENGTH, other.newRoot().pathLength(0));
        refusedRoot(Reason.IMPORT_NOT_BELIEVED, other.newRoot().uris("spiffe://other.example"));
        refusedRoot(
                Reason.IMPORT_NOT_BELIEVED,
                other.newRoot().extension("1.3.6.1.4.1.99999.1", true, new byte[] {5, 0}));
        refusedRoot(
                Reason.IMPORT_NOT_BELIEVED,
                other.newRoot().keyKind("RSA-2048").signatureAlgorithm("SHA1withRSA"));
        refusedRoot(Reason.IMPORT_NOT_BELIEVED, other.newRoot().corruptSignature());
    }

    @Test
    void anIssuerThatOutlivesItsRootIsRefused() {
        Instant end = other.root().certificate().getNotAfter().toInstant();

        refusedIssuer(
                Reason.IMPORT_OUTLIVES_ISSUER,
                issuer(other.root()).validity(now, end.plusSeconds(1)));
    }

    @Test
    void anIssuerWithoutRoomForReplicasIsRefused() {
        refusedIssuer(Reason.IMPORT_PATH_LENGTH, issuer(other.root()).pathLength(0));
    }

    @Test
    void anIssuerThatEndsTooSoonIsRefused() {
        refusedIssuer(Reason.IMPORT_LIFE_TOO_SHORT, issuer(other.root()).life(Duration.ofDays(6)));
    }

    @Test
    void aChainOutOfOrderIsRefused() {
        TestCertificate issuer = issuer(other.root()).build();

        refused(Reason.IMPORT_CHAIN_ORDER, () -> ImportedChain.parse(pem(other.root(), issuer)));
        refused(Reason.IMPORT_CHAIN_ORDER, () -> ImportedChain.parse(pem(issuer, mine.root())));
    }

    @Test
    void anIssuerThatSomebodyElseSignedIsRefused() {
        refusedIssuer(
                Reason.IMPORT_CHAIN_ORDER, issuer(other.root()).signedWith(mine.root().key()));
    }

    @Test
    void onlySigningShowsWhatAnIssuerForbids() throws Exception {
        notProven(issuer(other.root()).excludedUris("prod.example"), "NAME_CONSTRAINTS");
        notProven(
                issuer(other.root()).extension("1.3.6.1.4.1.99999.1", true, new byte[] {5, 0}),
                "CRITICAL");
        notProven(issuer(other.root()).uris("spiffe://other.example"), "SPIFFE_ID");
        notProven(issuer(other.root()).keyUsage(0x80), "KEY_USAGE");
    }

    @Test
    void aKeyThatNothingBelowCouldNameIsRefused() {
        refusedIssuer(Reason.IMPORT_NO_KEY_ID, issuer(other.root()).withoutKeyIds());
    }

    @Test
    void aFileWithAKeyIsOpenedByItsPassphraseOnly() throws Exception {
        byte[] file = pkcs12("right");

        BroughtKey brought = BroughtKey.read(file, "right".toCharArray());

        rules.checkNewRoot(brought.chain(), now);
        signing.prove(brought.chain(), brought.key(), now);
        assertThat(brought.toString()).startsWith("BroughtKey[CN=");
        refused(Reason.IMPORT_PASSPHRASE, () -> BroughtKey.read(file, "wrong".toCharArray()));
        refused(
                Reason.IMPORT_MALFORMED,
                () -> BroughtKey.read(Arrays.copyOf(file, 100), "right".toCharArray()));
        refused(
                Reason.IMPORT_MALFORMED,
                () -> BroughtKey.read(new byte[Pkcs12File.MAX_BYTES + 1], "right".toCharArray()));
    }

    private byte[] pkcs12(String passphrase) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry(
                "root",
                other.root().key(),
                passphrase.toCharArray(),
                new X509Certificate[] {other.root().certificate()});
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        store.store(out, passphrase.toCharArray());
        return out.toByteArray();
    }

    @Test
    void aCertificateOfAnotherKeyIsRefused() throws Exception {
        ImportedChain chain = ImportedChain.parse(pem(other.root()));

        refused(Reason.IMPORT_KEY_MISMATCH, () -> signing.prove(chain, key(mine.root()), now));
    }

    @Test
    void whatIsNoChainIsRefused() {
        refused(Reason.IMPORT_MALFORMED, () -> ImportedChain.parse(""));
        refused(Reason.IMPORT_MALFORMED, () -> ImportedChain.parse("hello"));
        refused(Reason.IMPORT_MALFORMED, () -> ImportedChain.parse(pem(other.root()) + "x"));
        refused(Reason.IMPORT_MALFORMED, () -> ImportedChain.parse("x" + pem(other.root())));
        refused(
                Reason.IMPORT_MALFORMED,
                () ->
                        ImportedChain.parse(
                                "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"));
        refused(
                Reason.IMPORT_MALFORMED,
                () -> ImportedChain.parse(" ".repeat(ImportedChain.MAX_CHARS + 1)));
        assertThatCode(() -> ImportedChain.parse("\n" + pem(other.root()) + "\n"))
                .doesNotThrowAnyException();
    }

    private TestCertificateBuilder issuer(TestCertificate root) {
        return other.newIntermediate(root).issuedBy(root).pathLength(1).life(Duration.ofDays(90));
    }

    private void refusedRoot(Reason reason, TestCertificateBuilder root) {
        refused(reason, () -> rules.checkNewRoot(ImportedChain.parse(pem(root.build())), now));
    }

    private void refusedIssuer(Reason reason, TestCertificateBuilder issuer) {
        refused(
                reason,
                () ->
                        rules.checkNewRoot(
                                ImportedChain.parse(pem(issuer.build(), other.root())), now));
    }

    private void notProven(TestCertificateBuilder builder, String refusal) throws Exception {
        TestCertificate issuer = builder.build();
        ImportedChain chain = ImportedChain.parse(pem(issuer, other.root()));
        rules.checkNewRoot(chain, now);

        assertThatExceptionOfType(ImportRefused.class)
                .isThrownBy(() -> signing.prove(chain, key(issuer), now))
                .withMessageContaining(refusal)
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.IMPORT_NOT_BELIEVED));
    }

    private static void refused(Reason reason, ThrowingCallable attempt) {
        assertThatExceptionOfType(ImportRefused.class)
                .isThrownBy(attempt)
                .satisfies(e -> assertThat(e.reason()).as(e.getMessage()).isEqualTo(reason));
    }

    private static LocalKey key(TestCertificate certificate)
            throws GeneralSecurityException, KeyVaultException {
        return LocalKey.decode(
                certificate.key().getEncoded(),
                certificate.certificate().getPublicKey().getEncoded());
    }

    private static String pem(TestCertificate... certificates) {
        return Stream.of(certificates)
                .map(TestCertificate::certificate)
                .map(ImportTest::pem)
                .collect(Collectors.joining());
    }

    private static String pem(X509Certificate certificate) {
        try {
            return "-----BEGIN CERTIFICATE-----\n"
                    + Base64.getMimeEncoder(64, new byte[] {'\n'})
                            .encodeToString(certificate.getEncoded())
                    + "\n-----END CERTIFICATE-----\n";
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }
}
