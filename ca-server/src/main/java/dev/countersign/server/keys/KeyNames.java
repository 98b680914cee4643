package dev.countersign.server.keys;

/** Names of keys: {@code [a-z0-9-]}, 1 to 64 characters. They become file names. */
public final class KeyNames {
    private static final int MAX_LENGTH = 64;

    private KeyNames() {}

    /**
     * The name itself.
     *
     * @throws IllegalArgumentException when it is not one
     */
    public static String check(String name) {
        boolean good = !name.isEmpty() && name.length() <= MAX_LENGTH;
        for (int i = 0; good && i < name.length(); i++) {
            char c = name.charAt(i);
            good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
        }
        if (!good) {
            throw new IllegalArgumentException(
                    "key name: " + name.length() + " characters (expected: 1 to 64 of a-z 0-9 -)");
        }
        return name;
    }
}
