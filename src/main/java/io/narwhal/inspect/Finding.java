package io.narwhal.inspect;

/**
 * What one check of {@link Doctor} came to.
 *
 * @param check what was looked at, in one or two words
 * @param found what there is
 * @param mend what to type or to change; empty when it is as it should be
 */
public record Finding(String check, Verdict verdict, String found, String mend) {
    /** How good that is. */
    public enum Verdict {
        /** As it should be, or not to be known here. */
        OK,
        /** The node runs, but some day something will be lost, slow or read by others. */
        WARN,
        /** The node will not run so, or will lose what it promises to keep. */
        FAIL;

        /** As it is printed: ok, warn, fail. */
        public String label() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    static Finding ok(String check, String found) {
        return new Finding(check, Verdict.OK, found, "");
    }

    static Finding warn(String check, String found, String mend) {
        return new Finding(check, Verdict.WARN, found, mend);
    }

    static Finding fail(String check, String found, String mend) {
        return new Finding(check, Verdict.FAIL, found, mend);
    }
}
