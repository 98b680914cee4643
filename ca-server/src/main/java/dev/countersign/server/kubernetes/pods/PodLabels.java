package dev.countersign.server.kubernetes.pods;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/** Labels as one array, names and values in turn, by name. Pods of one template share them. */
final class PodLabels {
    static final PodLabels NONE = new PodLabels(new String[0]);

    private final String[] namesAndValues;
    private final int hash;

    private PodLabels(String[] namesAndValues) {
        this.namesAndValues = namesAndValues;
        this.hash = Arrays.hashCode(namesAndValues);
    }

    static PodLabels of(Map<String, String> labels, Shared shared) {
        if (labels.isEmpty()) {
            return NONE;
        }
        String[] flat = new String[labels.size() * 2];
        int i = 0;
        for (Map.Entry<String, String> label : new TreeMap<>(labels).entrySet()) {
            flat[i++] = shared.one(label.getKey());
            flat[i++] = label.getValue();
        }
        return shared.one(new PodLabels(flat));
    }

    /** Whether all of these are among them; the empty selector selects nothing (Service spec). */
    boolean matches(Map<String, String> selector) {
        if (selector.isEmpty()) {
            return false;
        }
        int found = 0;
        for (int i = 0; i < namesAndValues.length; i += 2) {
            if (namesAndValues[i + 1].equals(selector.get(namesAndValues[i]))) {
                found++;
            }
        }
        return found == selector.size();
    }

    Map<String, String> toMap() {
        Map<String, String> map = new TreeMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            map.put(namesAndValues[i], namesAndValues[i + 1]);
        }
        return map;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof PodLabels labels
                && Arrays.equals(namesAndValues, labels.namesAndValues);
    }

    @Override
    public int hashCode() {
        return hash;
    }
}
