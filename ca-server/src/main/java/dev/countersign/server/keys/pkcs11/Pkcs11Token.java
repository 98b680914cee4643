package dev.countersign.server.keys.pkcs11;

import dev.countersign.server.keys.KeyVaultException;
import dev.countersign.server.keys.KeyVaultException.Reason;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps one log-in, and makes a new one after a failure. Thread-safe. */
final class Pkcs11Token {
    private static final Logger LOG = LoggerFactory.getLogger(Pkcs11Token.class);

    private final Pkcs11Settings settings;
    private final PinFile pin;
    private @Nullable Pkcs11Session session;
    private @Nullable KeyVaultException refused;

    /** What is done with a log-in. */
    @FunctionalInterface
    interface Use<T> {
        T with(Pkcs11Session session) throws KeyVaultException;
    }

    Pkcs11Token(Pkcs11Settings settings) {
        this.settings = settings;
        this.pin = new PinFile(settings.pinFile());
    }

    /** Once more with a new log-in when the present one fails: the token may have been away. */
    <T> T use(Use<T> use) throws KeyVaultException {
        Pkcs11Session first = session();
        try {
            return use.with(first);
        } catch (KeyVaultException failed) {
            if (failed.reason() != Reason.UNAVAILABLE) {
                throw failed;
            }
            LOG.atWarn()
                    .addKeyValue("cause", String.valueOf(failed.getMessage()))
                    .log("token failed, logging in anew");
            forget(first);
        }
        Pkcs11Session second = session();
        try {
            return use.with(second);
        } catch (KeyVaultException failed) {
            if (failed.reason() == Reason.UNAVAILABLE) {
                forget(second);
            }
            throw failed;
        }
    }

    private synchronized Pkcs11Session session() throws KeyVaultException {
        if (refused != null) {
            throw new KeyVaultException(
                    Reason.WRONG_PASSPHRASE,
                    refused.getMessage() + "; not tried again before a restart",
                    refused);
        }
        Pkcs11Session open = session;
        if (open == null) {
            try {
                open = Pkcs11Session.open(settings, pin.read());
            } catch (KeyVaultException failed) {
                if (failed.reason() == Reason.WRONG_PASSPHRASE) {
                    refused = failed;
                }
                throw failed;
            }
            session = open;
        }
        return open;
    }

    private synchronized void forget(Pkcs11Session failed) {
        if (session == failed) {
            session = null;
        }
    }
}
