package dev.countersign.agent.proxy.http;

import org.jspecify.annotations.Nullable;

/** The header fields a proxy must understand, found by length and then by letter. */
public enum FieldName {
    HOST("host"),
    CONTENT_LENGTH("content-length"),
    TRANSFER_ENCODING("transfer-encoding"),
    CONNECTION("connection"),
    UPGRADE("upgrade"),
    EXPECT("expect"),
    KEEP_ALIVE("keep-alive"),
    PROXY_CONNECTION("proxy-connection"),
    TE("te"),
    TRAILER("trailer"),
    HTTP2_SETTINGS("http2-settings"),
    FORWARDED_CLIENT_CERT("x-forwarded-client-cert");

    private static final String OURS = "x-countersign-";
    private static final int LONGEST = 24;
    private static final FieldName[][] BY_LENGTH = new FieldName[LONGEST][];

    static {
        for (int i = 0; i < LONGEST; i++) {
            int length = i;
            BY_LENGTH[i] =
                    java.util.Arrays.stream(values())
                            .filter(name -> name.letters.length() == length)
                            .toArray(FieldName[]::new);
        }
    }

    private final String letters;

    FieldName(String name) {
        letters = name;
    }

    /** The field a name stands for, {@code _} taken as {@code -}; null when it is none of these. */
    public static @Nullable FieldName of(byte[] bytes, int start, int end) {
        int length = end - start;
        if (length >= LONGEST) {
            return null;
        }
        for (FieldName name : BY_LENGTH[length]) {
            if (name.matches(bytes, start)) {
                return name;
            }
        }
        return null;
    }

    /** {@code x-countersign-…}: set by agents, never taken from outside. */
    public static boolean isOurs(byte[] bytes, int start, int end) {
        if (end - start < OURS.length()) {
            return false;
        }
        return startsWith(bytes, start, OURS);
    }

    private boolean matches(byte[] bytes, int start) {
        return startsWith(bytes, start, letters);
    }

    private static boolean startsWith(byte[] bytes, int start, String lowerCase) {
        for (int i = 0; i < lowerCase.length(); i++) {
            if (HttpChars.canonical(bytes[start + i]) != lowerCase.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
