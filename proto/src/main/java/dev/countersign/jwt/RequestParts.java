package dev.countersign.jwt;

import java.util.List;

/** Where tokens are looked for in a request, wherever it is held. */
public interface RequestParts {
    /**
     * The values of a header, one for each field line.
     *
     * @param lowerCaseName must find the header however the client wrote it
     */
    List<String> headers(String lowerCaseName);

    /** What stands after the question mark, as it was sent; empty where there is none. */
    String query();
}
