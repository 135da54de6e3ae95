// How a reader wants the pages to look, as a cookie keeps it: nothing else is kept of anybody.
using Microsoft.AspNetCore.Http;

namespace Unroll.Web.Pages.Parts;

/// <summary>The language and the colours of a request's page.</summary>
internal sealed class PageLook
{
    private const string LanguageCookie = "unroll-language", ThemeCookie = "unroll-theme";

    /// <param name="context">The request.</param>
    public PageLook(IHttpContextAccessor context)
    {
        HttpRequest? request = context.HttpContext?.Request;
        string accepted = request?.Cookies[LanguageCookie] ?? request?.Headers.AcceptLanguage.ToString().Split(',')[0] ?? "";
        Words = Words.Of(accepted);
        Theme = request?.Cookies[ThemeCookie] is "dark" or "light" ? request.Cookies[ThemeCookie]! : "auto";
    }

    /// <summary>The language.</summary>
    public Words Words { get; }

    /// <summary><c>light</c>, <c>dark</c>, or <c>auto</c>: as the reader's device is set.</summary>
    public string Theme { get; }

    /// <summary>Changes what the address says, and goes back to where the reader was.</summary>
    public static Task ChangeAsync(HttpContext context)
    {
        IQueryCollection asked = context.Request.Query;
        var kept = new CookieOptions { HttpOnly = true, SameSite = SameSiteMode.Strict, IsEssential = true, MaxAge = TimeSpan.FromDays(365) };
        if (asked["language"].ToString() is { Length: > 0 } language)
            context.Response.Cookies.Append(LanguageCookie, Words.Of(language).Code, kept);
        if (asked["theme"] == "turn")
            context.Response.Cookies.Append(ThemeCookie, context.Request.Cookies[ThemeCookie] == "dark" ? "light" : "dark", kept);
        // Nowhere but to a page of this server.
        string back = asked["back"].ToString();
        context.Response.Redirect(back.StartsWith('/') && !back.StartsWith("//", StringComparison.Ordinal) && !back.Contains('\\', StringComparison.Ordinal) ? back : "/");
        return Task.CompletedTask;
    }
}
