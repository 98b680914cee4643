package dev.countersign.server.keys.pkcs11;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.countersign.server.keys.KeyVault;
import dev.countersign.server.keys.KeyVaultContract;
import dev.countersign.server.keys.KeyVaultException;
import dev.countersign.server.keys.KeyVaultException.Reason;
import dev.countersign.server.keys.SigningKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.AuthProvider;
import java.security.Provider;
import java.security.Security;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** On SoftHSM2; skipped with a reason where it is not installed. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class Pkcs11KeyVaultTest extends KeyVaultContract {
    private static final byte[] MESSAGE = {1, 2, 3};
    private static final AtomicInteger TESTS = new AtomicInteger();

    @SuppressWarnings("NullAway.Init") // set before all
    private static SoftHsm hsm;

    private static String wrongPin = "nothing was refused";

    private final String prefix = "test-" + TESTS.incrementAndGet();
    private @Nullable KeyVault vault;

    @BeforeAll
    static void token() throws Exception {
        hsm = SoftHsm.start();
        // A process logs in to a token once, for all its sessions: so this comes before any good
        // PIN.
        Pkcs11Settings settings = hsm.settings("wrong", "9999");
        try {
            wrongPin = "taken, found " + new Pkcs11KeyVault(settings).find("root-1");
        } catch (KeyVaultException refused) {
            wrongPin = refused.reason() + " " + refused.getMessage();
        }
    }

    @Override
    protected KeyVault vault() throws Exception {
        KeyVault open = vault;
        if (open == null) {
            open = new Pkcs11KeyVault(hsm.settings(prefix, SoftHsm.PIN));
            vault = open;
        }
        return open;
    }

    @Test
    void aWrongPinIsCalledThat() {
        assertThat(wrongPin)
                .startsWith(Reason.WRONG_PASSPHRASE + " PIN in ")
                .contains("refused by the token")
                .doesNotContain("9999");
    }

    @Test
    void keysNeverLeaveTheToken() throws Exception {
        vault().create("root-1");

        Pkcs11Session session =
                Pkcs11Session.open(hsm.settings(prefix, SoftHsm.PIN), SoftHsm.PIN.toCharArray());

        assertThat(session.find(prefix + "-root-1").orElseThrow().key().getEncoded()).isNull();
    }

    @Test
    void anotherProcessFindsTheKeysAgain() throws Exception {
        SigningKey made = vault().create("root-1");

        SigningKey found =
                new Pkcs11KeyVault(hsm.settings(prefix, SoftHsm.PIN)).find("root-1").orElseThrow();

        assertThat(found.publicKey().getEncoded()).isEqualTo(made.publicKey().getEncoded());
        assertThat(found.sign(MESSAGE)).isNotEmpty();
    }

    /** Last: SoftHSM does not find its own files again before the process ends. */
    @Test
    @Order(Integer.MAX_VALUE)
    void aTokenThatIsGoneFailsTheSignature() throws Exception {
        SigningKey key = vault().create("root-1");
        key.sign(MESSAGE);

        hsm.away(() ->
                assertThatExceptionOfType(KeyVaultException.class)
                        .isThrownBy(() -> key.sign(MESSAGE))
                        .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.UNAVAILABLE)));
    }

    @Test
    void aTokenThatForgotTheLogInIsLoggedInToAgain() throws Exception {
        SigningKey key = vault().create("root-1");
        Provider other =
                Security.getProvider("SunPKCS11")
                        .configure(hsm.settings(prefix, SoftHsm.PIN).configuration());

        // For all sessions of the process.
        ((AuthProvider) other).logout();

        assertThat(key.sign(MESSAGE)).isNotEmpty();
    }

    @Test
    void aKeyThatWasSwappedInTheTokenSignsNothing() throws Exception {
        SigningKey first = vault().create("root-1");
        vault().destroy("root-1");
        vault().create("root-1");

        assertThatExceptionOfType(KeyVaultException.class)
                .isThrownBy(() -> first.sign(MESSAGE))
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.KEY_FILE_CORRUPT));
    }

    @Test
    void aMissingLibraryIsNamed() throws Exception {
        Path pin = hsm.settings(prefix, SoftHsm.PIN).pinFile();
        Pkcs11Settings missing =
                new Pkcs11Settings(
                        Path.of("/nowhere/libnothing.so"), OptionalLong.empty(), pin, prefix);

        assertThatExceptionOfType(KeyVaultException.class)
                .isThrownBy(() -> new Pkcs11KeyVault(missing))
                .withMessageContaining("/nowhere/libnothing.so")
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.UNAVAILABLE));
    }

    @Test
    void aPinThatOthersMayReadIsRefused() throws Exception {
        Pkcs11Settings settings = hsm.settings(prefix, SoftHsm.PIN);
        Files.setPosixFilePermissions(
                settings.pinFile(), PosixFilePermissions.fromString("rw-r-----"));

        assertThatExceptionOfType(KeyVaultException.class)
                .isThrownBy(() -> new Pkcs11KeyVault(settings))
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.KEY_FILE_PERMISSIONS));
    }

    @Test
    void settingsThatCouldMeanSomethingElseToTheProviderAreRefused() {
        Path pin = Path.of("/run/pin");

        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        new Pkcs11Settings(
                                Path.of("/lib/a\nslot = 3"), OptionalLong.empty(), pin, "a"));
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        new Pkcs11Settings(Path.of("/lib/a"), OptionalLong.empty(), pin, "A b"));
    }
}
