export const USER_COLUMNS = `id, email, username, password_hash, first_name, last_name, profile_image_url, is_active,
    is_email_verified, last_login_at, roles, created_at, updated_at`;
