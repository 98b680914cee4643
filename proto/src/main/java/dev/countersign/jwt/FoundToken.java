package dev.countersign.jwt;

/**
 * A token and where it stood. {@link #toString} hides it.
 *
 * @param name of the header, parameter or cookie; a header's in lower case
 */
public record FoundToken(Place place, String name, String token) {
    @Override
    public String toString() {
        return "token in " + place + " " + name;
    }

    /** A part of a request. */
    public enum Place {
        HEADER,
        PARAMETER,
        COOKIE
    }
}
