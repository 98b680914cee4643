package dev.countersign.server.keys.pkcs11;

import java.nio.file.Path;
import java.util.OptionalLong;

/**
 * Which token, and how our keys in it are called.
 *
 * @param library the module of the token's maker, an absolute path
 * @param slot the slot's id, as {@code pkcs11-tool --list-slots} prints it; empty = the first of
 *     the list
 * @param pinFile first line = the user's PIN; mode 0600
 * @param prefix of every label: {@code [a-z0-9-]}, at most 32 characters
 */
public record Pkcs11Settings(Path library, OptionalLong slot, Path pinFile, String prefix) {
    /** Of labels, unless told otherwise. */
    public static final String DEFAULT_PREFIX = "countersign";

    private static final int MAX_PREFIX = 32;

    public Pkcs11Settings {
        // The path becomes a line of SunPKCS11's own configuration language.
        if (!library.isAbsolute() || !library.toString().matches("[A-Za-z0-9/._+-]+")) {
            throw new IllegalArgumentException(
                    "library: "
                            + library
                            + " (expected: an absolute path of A-Z a-z 0-9 / . _ + -)");
        }
        if (prefix.isEmpty() || prefix.length() > MAX_PREFIX || !prefix.matches("[a-z0-9-]+")) {
            throw new IllegalArgumentException(
                    "prefix: " + prefix.length() + " characters (expected: 1 to 32 of a-z 0-9 -)");
        }
    }

    /** SunPKCS11's configuration. */
    String configuration() {
        return """
        --name = countersign
        library = %s
        %s
        attributes(*, CKO_PRIVATE_KEY, CKK_EC) = {
          CKA_PRIVATE = true
          CKA_SENSITIVE = true
          CKA_EXTRACTABLE = false
          CKA_SIGN = true
        }
        """
                .formatted(
                        library,
                        slot.isPresent() ? "slot = " + slot.getAsLong() : "slotListIndex = 0");
    }
}
