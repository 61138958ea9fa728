package eve.jvm;

import clojure.lang.ExceptionInfo;
import clojure.lang.Keyword;
import clojure.lang.PersistentHashMap;

/** Errors that are told here and not by the engine: ex-info as its own, with :eve/error and, under :where, what is concerned. */
final class Problem {
  private static final Keyword ERROR = Keyword.intern("eve", "error"), WHERE = Keyword.intern("where"),
      ARGUMENT = Keyword.intern("argument");

  private Problem() {}

  /** {@code where}: the path of a file or the name of an atom; null for what has none. */
  static ExceptionInfo of(String kind, String where, String message) {
    return new ExceptionInfo(message, PersistentHashMap.create(ERROR, Keyword.intern(kind), WHERE, where));
  }

  /** Is it an error of this kind? */
  static boolean is(ExceptionInfo e, String kind) {
    return e.getData().valAt(ERROR) == Keyword.intern(kind);
  }

  /** What was given is not what is wanted. */
  static ExceptionInfo argument(String message, Object given) {
    return new ExceptionInfo(message, PersistentHashMap.create(ERROR, Keyword.intern("argument"), ARGUMENT, given));
  }
}
