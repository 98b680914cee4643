package dev.countersign.policy;

import org.jspecify.annotations.Nullable;

/** The headers of a request, wherever they are held. */
@FunctionalInterface
public interface HeaderLookup {

    /** No headers. */
    HeaderLookup NONE = name -> null;

    /**
     * The value of a header, or null where it is absent. Several values are one, joined with a
     * comma (RFC 9110 section 5.3).
     *
     * @param name in lower case; must find the header however the client wrote it
     */
    @Nullable String get(String name);
}
