package dev.countersign.policy.parse;

import java.util.ArrayList;
import java.util.List;

/** Collects the notices of one file. */
final class Notices {

    private final String file;
    private final List<Notice> warnings = new ArrayList<>();
    private final List<Notice> hints = new ArrayList<>();

    Notices(String file) {
        this.file = file;
    }

    void warn(Locations locations, String path, String code, String message) {
        warnings.add(new Notice(file, locations.lineOf(path), path, code, "", message));
    }

    void hint(Locations locations, String path, String code, String message) {
        hint(locations, path, code, "", message);
    }

    void hint(Locations locations, String path, String code, String value, String message) {
        hints.add(new Notice(file, locations.lineOf(path), path, code, value, message));
    }

    List<Notice> warnings() {
        return warnings;
    }

    List<Notice> hints() {
        return hints;
    }
}
