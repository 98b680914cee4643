package dev.countersign.policy;

/** The API group under which a policy was written. */
public enum ApiGroup {
    COUNTERSIGN("countersign.dev"),
    ISTIO("security.istio.io");

    private final String group;

    ApiGroup(String group) {
        this.group = group;
    }

    /** The group as it stands in {@code apiVersion}, without the version. */
    public String group() {
        return group;
    }
}
