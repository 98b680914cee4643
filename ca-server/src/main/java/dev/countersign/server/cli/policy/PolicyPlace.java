package dev.countersign.server.cli.policy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Where a policy stands.
 *
 * @param line of its name, from 1; 0 where none has it
 */
record PolicyPlace(String file, int line) {

    static final PolicyPlace UNKNOWN = new PolicyPlace("", 0);

    static PolicyPlace of(Path file, byte[] content, String name) {
        String[] lines = new String(content, StandardCharsets.UTF_8).split("\n", -1);
        for (int i = 0; i < lines.length; i++) {
            if (lines[i].contains("name") && lines[i].contains(name)) {
                return new PolicyPlace(file.toString(), i + 1);
            }
        }
        return new PolicyPlace(file.toString(), 0);
    }
}
