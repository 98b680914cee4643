package dev.countersign.agent.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.URI;

/** Reads an agent's pages. */
final class AgentPages {
    static final JsonMapper JSON = new JsonMapper();

    private static final int TIMEOUT_MILLIS = 3000;
    private static final int MAX_PAGE = 16 * 1024 * 1024;
    private static final int FAULT = 400;

    private AgentPages() {}

    /**
     * A page as JSON, whatever its status.
     *
     * @param at host:port
     * @param option by which another place is named
     */
    static JsonNode get(String at, String option, String page) throws IOException {
        HttpURLConnection connection;
        try {
            connection =
                    (HttpURLConnection) URI.create("http://" + at + page).toURL().openConnection();
        } catch (IllegalArgumentException e) {
            throw new IOException(option + ": " + at + " (expected: host:port)", e);
        }
        connection.setConnectTimeout(TIMEOUT_MILLIS);
        connection.setReadTimeout(TIMEOUT_MILLIS);
        try (InputStream in =
                connection.getResponseCode() < FAULT
                        ? connection.getInputStream()
                        : connection.getErrorStream()) {
            return JSON.readTree(in.readNBytes(MAX_PAGE));
        } catch (ConnectException e) {
            throw new IOException(
                    "no agent answers at " + at + " (another place: " + option + " host:port)", e);
        }
    }
}
